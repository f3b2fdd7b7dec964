"""Audit features: what an auditor would look at, a column each, of tickets, cashier-days, store-days and deliveries.

A column whose name ends in ``_minor`` is money, one of yes and no is Boolean, any other a plain number. What a feed
does not tell (tills without counts, tickets without cashier or lines) is null or zero, and never suspicious by itself.
"""
