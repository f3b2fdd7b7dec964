"""Papers as tills and suppliers print them, each with what it says: in English, German and French."""

from __future__ import annotations

from ledger.settings import BookSettings, parse

US_BOOK = {
    "book": {"id": "maple", "name": "Maple Street Group", "currency": "USD", "time_zone": "America/New_York"},
    "stores": {"Harbour": {}, "Downtown": {}},
}
EU_BOOK = {
    "book": {"id": "hafen", "name": "Hafen GmbH", "currency": "EUR", "time_zone": "Europe/Berlin", "locale": "de_DE"},
    "stores": {"Hafen": {"aliases": ["Café Hafen"]}},
}
US: BookSettings = parse(US_BOOK)
EU: BookSettings = parse(EU_BOOK)

RECEIPT_US = (
    "Harbour",
    "12 Quay Street",
    "",
    "Receipt no 0042   Register 3",
    "10/25/2026 14:05",
    "Cashier: Ada",
    "",
    "2 x Flat white     3.50      7.00",
    "Apple pie                    4.25",
    "Subtotal                    11.25",
    "Sales tax 8.00%              0.90",
    "TOTAL                      $12.15",
    "Cash                        20.00",
    "Change                       7.85",
    "Thank you!",
)
RECEIPT_US_SAYS = {
    "kind": "receipt", "date": "2026-10-25", "time": "14:05", "store": "Harbour", "number": "0042", "register": "3",
    "cashier": "Ada", "net": "11.25", "total": "12.15", "change": "7.85", "tax.1.rate": "8", "tax.1.amount": "0.90",
    "tender.1.type": "cash", "tender.1.amount": "20.00",
    "line.1.name": "Flat white", "line.1.quantity": "2", "line.1.price": "3.50", "line.1.amount": "7.00",
    "line.1.rate": "8", "line.2.name": "Apple pie", "line.2.amount": "4.25", "line.2.rate": "8",
}  # fmt: skip

RECEIPT_DE = (
    "Café Hafen",
    "Am Kai 3, 20457 Hamburg",
    "Kassenbon",
    "Bon-Nr. 4711  Kasse 2   05.10.2026 14:22",
    "Es bediente Sie: Grete",
    "",
    "Espresso               5,00 A",
    "2 x 2,50",
    "Brötchen               1,07 B",
    "Summe EUR              6,07",
    "Gegeben Bar           10,00",
    "Rückgeld               3,93",
    "MwSt       Netto   Steuer  Brutto",
    "A 19,00%    4,20    0,80    5,00",
    "B  7,00%    1,00    0,07    1,07",
    "Vielen Dank",
)
RECEIPT_DE_SAYS = {
    "kind": "receipt", "date": "2026-10-05", "time": "14:22", "store": "Hafen", "number": "4711", "register": "2",
    "cashier": "Grete", "total": "6.07", "change": "3.93", "tax.1.rate": "19", "tax.1.base": "4.20",
    "tax.1.amount": "0.80", "tax.2.rate": "7", "tax.2.base": "1.00", "tax.2.amount": "0.07",
    "tender.1.type": "cash", "tender.1.amount": "10.00",
    "line.1.name": "Espresso", "line.1.quantity": "2", "line.1.price": "2.50", "line.1.amount": "5.00",
    "line.1.rate": "19", "line.2.name": "Brötchen", "line.2.amount": "1.07", "line.2.rate": "7",
}  # fmt: skip

RECEIPT_FR = (
    "Boutique Hafen",
    "Ticket de caisse n° 118",
    "Date : 5 octobre 2026 09:12",
    "2 Café crème      600,00  1 200,00",
    "Croissant                     1,10",
    "Total HT                  1 091,91",
    "TVA 10,00 %                 109,19",
    "Total TTC                 1 201,10",
    "Carte bancaire            1 201,10",
)
RECEIPT_FR_SAYS = {
    "kind": "receipt", "date": "2026-10-05", "time": "09:12", "store": "Hafen", "number": "118", "net": "1091.91",
    "total": "1201.10", "tax.1.rate": "10", "tax.1.amount": "109.19", "tender.1.type": "card",
    "tender.1.amount": "1201.10", "line.1.name": "Café crème", "line.1.quantity": "2", "line.1.price": "600.00",
    "line.1.amount": "1200.00", "line.1.rate": "10", "line.2.name": "Croissant", "line.2.amount": "1.10",
    "line.2.rate": "10",
}  # fmt: skip

Z_DE = (
    "Hafen",
    "Z-Bericht Nr. 117",
    "Datum 05.10.2026 23:10",
    "Anzahl Bons                42",
    "Bruttoumsatz         1.234,56",
    "MwSt 19,00%    Netto 1.037,45   Steuer 197,11",
    "Nettoumsatz          1.037,45",
    "Bar                    500,00",
    "EC-Karte               734,56",
    "Storno 2                12,00",
)
Z_DE_SAYS = {
    "kind": "z_report", "date": "2026-10-05", "time": "23:10", "store": "Hafen", "number": "117", "net": "1037.45",
    "total": "1234.56", "tax.1.rate": "19", "tax.1.base": "1037.45", "tax.1.amount": "197.11", "transactions": "42",
    "tender.1.type": "cash", "tender.1.amount": "500.00", "tender.2.type": "card", "tender.2.amount": "734.56",
}  # fmt: skip

INVOICE_US = (
    "Bean Supplies Ltd",
    "1 Roast Road",
    "Invoice",
    "Invoice no: INV-2026-118     Invoice date: 2026-10-05",
    "Due date: 2026-11-05",
    "Bill to: Maple Street Group",
    "",
    "Description           Qty   Price    Amount",
    "Beans, 1 kg            10   12.50    125.00",
    "Filters                 4    2.25      9.00",
    "Net                                  134.00",
    "VAT 20%                               26.80",
    "Total USD                            160.80",
)
INVOICE_US_SAYS = {
    "kind": "supplier_invoice", "date": "2026-10-05", "seller": "Bean Supplies Ltd", "number": "INV-2026-118",
    "net": "134.00", "total": "160.80", "tax.1.rate": "20", "tax.1.amount": "26.80",
    "line.1.name": "Beans, 1 kg", "line.1.quantity": "10", "line.1.price": "12.50", "line.1.amount": "125.00",
    "line.1.rate": "20", "line.2.name": "Filters", "line.2.quantity": "4", "line.2.price": "2.25",
    "line.2.amount": "9.00", "line.2.rate": "20",
}  # fmt: skip

GOLDEN = {
    "us": (RECEIPT_US, US, RECEIPT_US_SAYS),
    "de": (RECEIPT_DE, EU, RECEIPT_DE_SAYS),
    "fr": (RECEIPT_FR, EU, RECEIPT_FR_SAYS),
    "z": (Z_DE, EU, Z_DE_SAYS),
    "invoice": (INVOICE_US, US, INVOICE_US_SAYS),
}
