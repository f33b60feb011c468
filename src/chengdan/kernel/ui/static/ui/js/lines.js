/* Line editor: a grid of inputs walked like a spreadsheet; its rows travel as JSON. */
(function () {
  "use strict";

  function Lines(box) {
    this.box = box;
    this.hidden = box.querySelector("input[type=hidden]");
    this.config = JSON.parse(document.getElementById(box.dataset.cdLines).textContent);
    this.columns = this.config.columns;
    this.rows = this.config.rows;
    while (this.rows.length < this.config.min_rows) this.rows.push({});
    this.build();
    this.config.errors.forEach(this.markError, this);
    var self = this;
    box.closest("form").addEventListener("cd:restore", function () { self.restore(); });
    box.closest("form").addEventListener("cd:preview", function (event) { self.preview(event.detail); });
  }

  var el = function (tag, css, text) { return window.Chengdan.element(tag, css, text); };

  Lines.prototype.build = function () {
    var table = el("table", "sheet");
    var groups = table.appendChild(el("colgroup"));
    groups.appendChild(el("col", "w36"));
    this.columns.forEach(function (column) { groups.appendChild(el("col", column.width)); });
    groups.appendChild(el("col", "w36"));
    var head = table.appendChild(el("thead")).appendChild(el("tr"));
    head.appendChild(el("th", "", "#"));
    this.columns.forEach(function (column) {
      var th = el("th", column.end ? "num" : "", column.title);
      th.scope = "col";
      if (column.required) th.appendChild(el("span", "req", " *"));
      head.appendChild(th);
    });
    head.appendChild(el("th"));
    this.body = table.appendChild(el("tbody"));
    this.foot = table.appendChild(el("tfoot")).appendChild(el("tr"));
    this.drawFoot();
    this.rows.forEach(function (row) { this.body.appendChild(this.line(row)); }, this);
    this.number();
    var wrap = el("div", "sheet-scroll");
    wrap.appendChild(table);
    this.box.appendChild(wrap);
    var add = el("button", "btn btn-xs sheet-add", this.box.dataset.add);
    add.type = "button";
    add.prepend(window.Chengdan.icon("plus"));
    var self = this;
    add.addEventListener("click", function () { self.add(); self.focus(self.rows.length - 1, 0); });
    this.box.appendChild(add);
    this.body.addEventListener("keydown", this.keys.bind(this));
    this.body.addEventListener("paste", this.paste.bind(this));
  };

  Lines.prototype.restore = function () {
    this.rows = JSON.parse(this.hidden.value || "[]");
    while (this.rows.length < this.config.min_rows) this.rows.push({});
    this.body.replaceChildren();
    this.rows.forEach(function (row) { this.body.appendChild(this.line(row)); }, this);
    this.number();
    this.changed();
  };

  Lines.prototype.drawFoot = function (totals) {
    totals = totals || {};
    var filled = this.rows.filter(this.isFilled, this).length;
    var cells = [el("td")], title = null;
    this.columns.forEach(function (column, index) {
      var text = totals[column.name] || "";
      if (!index && !text) {
        title = el("td", "", totals.note || this.box.dataset.total.replace("{n}", filled));
        cells.push(title);
      } else if (title && !text) {
        title.colSpan += 1;
      } else {
        title = null;
        var total = el("td", column.end ? "num" : "", text);
        total.dataset.t = column.title;
        cells.push(total);
      }
    }, this);
    cells.push(el("td"));
    this.foot.replaceChildren.apply(this.foot, cells);
  };

  Lines.prototype.isFilled = function (row) {
    return this.columns.some(function (column) {
      var cell = row[column.name];
      return column.kind !== "shown" && (cell && typeof cell === "object" ? cell.id || cell.code : cell);
    });
  };

  Lines.prototype.line = function (row) {
    var tr = el("tr");
    tr.appendChild(el("td"));
    this.columns.forEach(function (column) { tr.appendChild(this.cell(row, column)); }, this);
    var last = tr.appendChild(el("td"));
    var remove = last.appendChild(el("button", "row-x"));
    remove.type = "button";
    remove.tabIndex = -1;
    remove.appendChild(window.Chengdan.icon("trash"));
    var self = this;
    remove.addEventListener("click", function () { self.remove(self.indexOf(tr)); });
    return tr;
  };

  Lines.prototype.cell = function (row, column) {
    var td = el("td", column.end ? "num" : "");
    td.dataset.column = column.name;
    td.dataset.t = column.title;
    if (!column.width) td.classList.add("wide");
    if (column.kind === "shown") {
      td.classList.add("ro");
      td.textContent = row[column.name] || "";
      return td;
    }
    var input = column.kind === "choice" ? this.choice(column) : el("input");
    if (column.kind === "flag") { input.type = "checkbox"; input.checked = Boolean(row[column.name]); }
    else if (column.kind !== "choice") { input.type = "text"; input.autocomplete = "off"; }
    if (column.end) input.inputMode = "decimal";
    if (column.placeholder) input.placeholder = column.placeholder;
    var value = row[column.name];
    if (column.kind !== "flag") input.value = value && typeof value === "object" ? value.code || "" : value || "";
    td.appendChild(input);
    var self = this;
    if (column.kind === "picker") this.picker(td, input, row, column);
    else input.addEventListener(column.kind === "flag" || column.kind === "choice" ? "change" : "input", function () {
      row[column.name] = column.kind === "flag" ? input.checked : input.value;
      self.changed(td);
    });
    return td;
  };

  Lines.prototype.choice = function (column) {
    var select = el("select");
    select.appendChild(el("option"));
    column.choices.forEach(function (pair) {
      var option = el("option", "", pair[1]);
      option.value = pair[0];
      select.appendChild(option);
    });
    return select;
  };

  Lines.prototype.picker = function (td, input, row, column) {
    var list = td.appendChild(el("span", "pick"));
    var self = this;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-autocomplete", "list");
    td.classList.add("open");
    window.Chengdan.pickerAttach(input, list, {
      url: column.url, none: this.box.dataset.none, fail: this.box.dataset.fail, opensByArrow: false, stays: true,
      extra: function () { return self.formValues(); },
      changed: function () { if (!input.value) { row[column.name] = ""; self.changed(td); } },
      left: function () { var cell = row[column.name]; input.value = cell && cell.code ? cell.code : ""; },
      take: function (found) { self.take(td, row, column, found); self.stepPast(td, Object.keys(found.fills || {})); },
    });
  };

  Lines.prototype.formValues = function () {
    return Array.from(this.box.closest("form").querySelectorAll("input[type=hidden], select"))
      .filter(function (input) { return input.name && input.name !== "csrfmiddlewaretoken" && input.value.length < 40; })
      .map(function (input) { return [input.name, input.value]; });
  };

  Lines.prototype.take = function (td, row, column, found) {
    row[column.name] = { id: found.id, code: found.code };
    td.querySelector("input").value = found.code;
    Object.keys(found.fills || {}).forEach(function (name) { this.put(td.parentNode, row, name, found.fills[name]); }, this);
    this.changed(td);
  };

  Lines.prototype.put = function (tr, row, name, value) {
    var target = tr.querySelector('[data-column="' + CSS.escape(name) + '"]');
    if (value === undefined || value === null) value = "";
    row[name] = value;
    if (!target) return;
    var input = target.querySelector("input, select");
    if (!input) target.textContent = value;
    else if (input.type === "checkbox") input.checked = Boolean(value);
    else input.value = value && typeof value === "object" ? value.code || "" : value;
  };

  Lines.prototype.indexOf = function (tr) { return Array.prototype.indexOf.call(this.body.rows, tr); };

  Lines.prototype.number = function () {
    var box = this.box;
    var columns = this.columns;
    Array.prototype.forEach.call(this.body.rows, function (tr, index) {
      tr.cells[0].textContent = index + 1;
      tr.querySelector(".row-x").setAttribute("aria-label", box.dataset.delete.replace("{n}", index + 1));
      columns.forEach(function (column, at) {
        var input = tr.cells[at + 1].querySelector("input, select");
        if (input) input.setAttribute("aria-label", box.dataset.line + " " + (index + 1) + ", " + column.title);
      });
    });
  };

  Lines.prototype.changed = function (td) {
    if (td) { td.classList.remove("bad", "warn"); td.removeAttribute("title"); }
    this.hidden.value = JSON.stringify(this.rows);
    this.hidden.dispatchEvent(new Event("change", { bubbles: true }));
    this.drawFoot(this.totals);
  };

  Lines.prototype.add = function (index, row) {
    if (this.rows.length >= this.config.max_rows) return false;
    var at = index === undefined ? this.rows.length : index;
    row = row || {};
    this.rows.splice(at, 0, row);
    this.body.insertBefore(this.line(row), this.body.rows[at] || null);
    this.number();
    return true;
  };

  Lines.prototype.remove = function (index) {
    this.rows.splice(index, 1);
    this.body.deleteRow(index);
    if (!this.rows.length) this.add();
    this.number();
    this.changed();
    this.focus(Math.min(index, this.rows.length - 1), 0);
    window.Chengdan.toast({ text: this.box.dataset.deleted, state: "run" });
  };

  Lines.prototype.replace = function (index, row) {
    this.rows[index] = row;
    this.body.replaceChild(this.line(row), this.body.rows[index]);
    this.number();
    this.changed();
  };

  /* A copy has the cells of one line and what travels hidden with the other, such as its number. */
  Lines.prototype.copyOf = function (row, own) {
    var copy = JSON.parse(JSON.stringify(row));
    this.config.hidden.forEach(function (name) {
      if (own[name] === undefined) delete copy[name];
      else copy[name] = own[name];
    });
    return copy;
  };

  /* Into an empty line goes the whole line above, else the cell; what a choice fills goes with it. */
  Lines.prototype.copyAbove = function (index, at) {
    if (!index) return;
    var above = this.rows[index - 1], row = this.rows[index], column = this.columns[at];
    if (this.isFilled(row)) {
      var tr = this.body.rows[index];
      this.columns.forEach(function (other) {
        var follows = column.kind === "picker" && (other.kind === "shown" || other.kind === "text");
        if (other === column || follows) this.put(tr, row, other.name, above[other.name]);
      }, this);
      this.changed(tr.cells[at + 1]);
    } else {
      this.replace(index, this.copyOf(above, row));
    }
    this.focus(index, at);
  };

  Lines.prototype.move = function (index, step, column) {
    var to = index + step;
    if (to < 0 || to >= this.rows.length) return;
    var row = this.rows.splice(index, 1)[0];
    var tr = this.body.rows[index];
    tr.remove();
    this.rows.splice(to, 0, row);
    this.body.insertBefore(tr, this.body.rows[to] || null);
    this.number();
    this.changed();
    this.focus(to, column);
  };

  /* ── walking ── */
  Lines.prototype.focus = function (row, column) {
    var tr = this.body.rows[row];
    if (!tr) return;
    for (var at = column; at < this.columns.length; at += 1) {
      var input = tr.cells[at + 1].querySelector("input, select");
      if (input) { input.focus(); if (input.select) input.select(); return; }
    }
  };

  Lines.prototype.step = function (td, by) {
    var inputs = Array.from(this.body.querySelectorAll("td > input, td > select"));
    var next = inputs[inputs.indexOf(td.querySelector("input, select")) + by];
    if (next) { next.focus(); if (next.select) next.select(); }
  };

  /* The next cell that the chosen row has not filled already. */
  Lines.prototype.stepPast = function (td, filled) {
    var next = td;
    do { next = next.nextElementSibling; }
    while (next && (filled.indexOf(next.dataset.column) >= 0 || !next.querySelector("input, select")));
    if (next) this.focus(this.indexOf(td.parentNode), next.cellIndex - 1);
  };

  Lines.prototype.down = function (row, column) {
    if (row + 1 >= this.rows.length) this.add();
    this.focus(row + 1, column);
  };

  /* Enter ends a line: the next one starts at its first cell, unless it is filled already. */
  Lines.prototype.enter = function (row, column) {
    var following = this.rows[row + 1];
    this.down(row, following && this.isFilled(following) ? column : 0);
  };

  Lines.prototype.keys = function (event) {
    var td = event.target.closest("td");
    if (!td || event.isComposing || event.defaultPrevented) return;
    var row = this.indexOf(td.parentNode);
    var column = td.cellIndex - 1;
    var ctrl = event.ctrlKey || event.metaKey;
    var run = null;
    if (ctrl && event.key.toLowerCase() === "d") run = this.copyAbove.bind(this, row, column);
    else if (ctrl && event.key === "Delete") run = this.remove.bind(this, row);
    else if (event.altKey && event.key === "ArrowUp") run = this.move.bind(this, row, -1, column);
    else if (event.altKey && event.key === "ArrowDown") run = this.move.bind(this, row, 1, column);
    else if (event.key === "Enter" && !ctrl) run = this.enter.bind(this, row, column);
    else if (event.key === "ArrowDown" && !event.target.matches("select")) run = this.down.bind(this, row, column);
    else if (event.key === "ArrowUp" && !event.target.matches("select")) run = this.focus.bind(this, row - 1, column);
    else if (event.key === "ArrowRight" && atEdge(event.target, false)) run = this.step.bind(this, td, 1);
    else if (event.key === "ArrowLeft" && atEdge(event.target, true)) run = this.step.bind(this, td, -1);
    if (run) { event.preventDefault(); event.stopPropagation(); run(); }
  };

  function atEdge(input, left) {
    if (input.type !== "text") return false;
    var whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    return whole || (left ? input.selectionEnd === 0 : input.selectionStart === input.value.length);
  }

  /* ── a block from a spreadsheet ── */
  Lines.prototype.paste = function (event) {
    var text = (event.clipboardData || window.clipboardData).getData("text");
    if (!/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    var td = event.target.closest("td");
    var top = this.indexOf(td.parentNode);
    var left = td.cellIndex - 1;
    var block = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map(function (line) { return line.split("\t"); });
    var places = placesOf(block, this.columns.slice(left));
    block.forEach(function (cells, offset) {
      if (top + offset >= this.rows.length && !this.add()) return;
      cells.slice(0, places.length).forEach(function (value, at) {
        var column = places[at];
        if (column && column.kind !== "shown") this.pasteCell(top + offset, column, inForm(value, column));
      }, this);
    }, this);
    this.changed();
  };

  var NO_FIGURES = ["text", "shown", "choice"];

  function plain(text) { return (text || "").normalize("NFKC").trim(); }

  function inForm(value, column) {
    return column.kind === "picker" || column.kind === "text" ? value.trim() : plain(value);
  }

  function areFigures(cells) {
    return cells.some(Boolean) && cells.every(function (text) { return /^[\s\d.,+-]*$/.test(text); });
  }

  function cellsOf(rows, place) { return rows.map(function (cells) { return plain(cells[place]); }); }

  /* A head row has titles only, some of them over figures or known to the grid. */
  function hasHead(block, named) {
    var head = block[0].map(plain);
    if (head.some(function (text) { return areFigures([text]); })) return false;
    return named.filter(Boolean).length > 1 || head.some(function (text, place) {
      return text && areFigures(cellsOf(block.slice(1), place));
    });
  }

  /* Where the columns of a block go: as its own head row says, else one after the other as they
     stand. A block "code, quantity" has no names: figures pass over what takes none. */
  function placesOf(block, columns) {
    var named = block[0].map(function (title) {
      return columns.filter(function (column) { return plain(title).toLowerCase() === plain(column.title).toLowerCase(); })[0];
    });
    if (hasHead(block, named)) {
      block.shift();
      if (named.indexOf(columns[0]) >= 0) return named;
    }
    var width = Math.max.apply(null, block.map(function (cells) { return cells.length; }));
    var found = [];
    for (var place = 0, at = 0; place < width && at < columns.length; place += 1, at += 1) {
      var figures = areFigures(cellsOf(block, place));
      while (figures && columns[at + 1] && NO_FIGURES.indexOf(columns[at].kind) >= 0) at += 1;
      found.push(columns[at]);
    }
    return found;
  }

  Lines.prototype.pasteCell = function (index, column, value) {
    var tr = this.body.rows[index];
    var row = this.rows[index];
    if (column.kind !== "picker") { this.put(tr, row, column.name, value); return; }
    var td = tr.querySelector('[data-column="' + CSS.escape(column.name) + '"]');
    var self = this;
    row[column.name] = { id: "", code: value };
    td.querySelector("input").value = value;
    if (!value) return;
    var url = new URL(column.url, window.location.href);
    url.searchParams.set("q", value);
    this.formValues().forEach(function (pair) { url.searchParams.set(pair[0], pair[1]); });
    fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.json(); })
      .then(function (data) {
        var exact = data.rows.filter(function (found) { return found.code === value || found.name === value; })[0];
        if (exact) self.take(td, row, column, exact);
        else { td.classList.add("bad"); td.title = self.box.dataset.none; }
      })
      .catch(function () { td.classList.add("bad"); td.title = self.box.dataset.fail; });
  };

  /* ── answers of the server ── */
  Lines.prototype.markError = function (error) {
    var tr = this.body.rows[error.row - 1];
    var td = tr && tr.querySelector('[data-column="' + CSS.escape(error.column) + '"]');
    if (!td) return;
    td.classList.add("bad");
    td.title = error.message;
    var input = td.querySelector("input, select");
    if (input) { input.setAttribute("aria-invalid", "true"); input.title = error.message; }
  };

  Lines.prototype.preview = function (data) {
    (data.rows || []).forEach(function (cells, place) {
      var index = cells.row ? cells.row - 1 : place;
      var tr = this.body.rows[index];
      if (!tr) return;
      Object.keys(cells).forEach(function (name) { if (name !== "row") this.previewCell(tr, this.rows[index], name, cells[name]); }, this);
    }, this);
    this.totals = data.totals;
    this.drawFoot(this.totals);
  };

  Lines.prototype.previewCell = function (tr, row, name, cell) {
    var td = tr.querySelector('[data-column="' + CSS.escape(name) + '"]');
    if (!td) return;
    var full = typeof cell === "object" ? cell : { text: cell };
    td.classList.toggle("bad", full.state === "bad");
    td.classList.toggle("warn", full.state === "warn");
    if (full.title) td.title = full.title; else td.removeAttribute("title");
    if (full.hint !== undefined && td.querySelector("input")) td.querySelector("input").placeholder = full.hint;
    if (td.classList.contains("ro")) { td.textContent = full.text === undefined ? "" : full.text; row[name] = td.textContent; }
    else if (full.text !== undefined && td.querySelector("input") !== document.activeElement) this.put(tr, row, name, full.text);
  };

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-cd-lines]").forEach(function (box) { new Lines(box); });
  });
})();
