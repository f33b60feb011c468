"""Documents on paper: typst templates filled with data, in the customer's language.

Data reach a template as JSON, never as source, so no text of a user can become markup.
"""

from chengdan.kernel.printing.compiler import PrintError, print_pdf
from chengdan.kernel.printing.documents import qr_svg, standard_data
from chengdan.kernel.printing.registry import PrintTemplate, template_register, templates_all

__all__ = [
    "PrintError",
    "PrintTemplate",
    "print_pdf",
    "qr_svg",
    "standard_data",
    "template_register",
    "templates_all",
]
