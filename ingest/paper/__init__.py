"""Documents on paper: Z-reports, receipts and invoices as PDF or photo, read with the place and the confidence of each
field. What is not sure posts nothing until a person has confirmed it."""
