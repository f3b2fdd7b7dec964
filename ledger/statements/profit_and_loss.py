"""Profit and loss: net sales, cost of goods sold, other income and expenses, out of the accounts."""

from __future__ import annotations

from ledger.figures.plan import Filter
from ledger.statements.plan import Cited, Control, Row, Section
from ledger.statements.workings import Workings, of_account


def profit_and_loss(work: Workings) -> tuple[tuple[Section, ...], tuple[Control, ...], tuple[str, ...]]:
    """Sections from sales to the result. Income is positive, contra accounts of sales negative, costs positive."""
    chart = work.chart
    now = work.measured(("movement",), ("account",), work.period)
    before = work.measured(("movement",), ("account",), work.before)
    accounts = {account for (account,) in (*now, *before) if account.startswith(("income:", "expenses:"))}
    of_sales = {*chart.revenue_accounts, *(chart.roles[name] for name in ("discounts", "comps", "returns"))}
    # Revenue before what is taken off it.
    sales = sorted(accounts & of_sales, key=lambda one: (one not in chart.revenue_accounts, one))
    cost = sorted(accounts & {chart.roles["cost_of_goods"]})
    others = sorted(one for one in accounts - of_sales if one.startswith("income:"))
    expenses = sorted(one for one in accounts - of_sales - set(cost) if one.startswith("expenses:"))
    if not accounts:
        return (), (), ()

    def section(title: str, rows: list[str], metric: str, *totals: tuple[str, str, list[str]]) -> Section:
        def cells(of: str, summed: list[str]) -> tuple[Cited, ...]:
            return work.compared(of, [(account,) for account in summed], now, before, of_account(*summed))

        made = [Row(account, cells(metric, [account])) for account in rows]
        made += [Row(label, cells(of, summed), total=True) for label, of, summed in totals if summed]
        return Section(title, "Account", work.columns, tuple(made))

    every = [*sales, *cost, *others, *expenses]
    sections = [section("Sales", sales, "credit_movement", ("Net sales", "credit_movement", sales))]
    if cost:
        gross = ("Gross profit", "credit_movement", [*sales, *cost])
        sections.append(section("Cost of goods sold", cost, "movement", gross))
    if others:
        total = ("Total other income", "credit_movement", others)
        sections.append(section("Other income", others, "credit_movement", total))
    if expenses:
        sections.append(section("Expenses", expenses, "movement", ("Total expenses", "movement", expenses)))
    sections.append(section("Result", [], "credit_movement", ("Profit", "credit_movement", every)))
    notes = () if cost else ("No line in this period tells its cost, so the profit is before the cost of goods sold.",)
    return tuple(one for one in sections if one.rows), _controls(work, sections, sales, cost, every), notes


def _controls(
    work: Workings, sections: list[Section], sales: list[str], cost: list[str], every: list[str]
) -> tuple[Control, ...]:
    controls = []
    if sales:
        controls.append(
            work.control(
                "Net sales on the accounts are the net sales of the tickets.",
                ("net sales on the accounts", 1, _value(sections[0].rows[-1])),
                ("net sales of the tickets", -1, work.metric("net_sales")),
            )
        )
    if cost:
        controls.append(
            work.control(
                "The cost of goods sold on the accounts is the cost of the lines.",
                ("cost on the accounts", 1, work.metric("movement", of_account(*cost))),
                ("cost of the lines", -1, work.metric("cogs")),
            )
        )
    rest = Filter(dimension="account", values=tuple(sorted(every)), exclude=True)
    controls.append(
        work.control(
            "The profit is what the period added to assets less liabilities.",
            ("profit", 1, _value(sections[-1].rows[-1])),
            ("movement of assets, liabilities and equity", -1, work.metric("movement", rest)),
        )
    )
    return tuple(controls)


def _value(row: Row) -> Cited:
    assert row.cells[0] is not None
    return row.cells[0]
