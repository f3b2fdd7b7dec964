"""With a language model: it may choose plans and write sentences; the figures stay those of the ledger.

The offline answer comes first. ``agent`` lets a model look at it and use typed ``tools``, whose figures are kept as
``evidence``; what it writes is a draft, of which ``check`` lets through only the sentences that evidence bears out, and
``render`` fills in the figures. Nothing here imports LangChain before a model is first asked.
"""
