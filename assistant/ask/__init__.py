"""Questions in plain language: interpret -> Plan -> run -> compose -> verify -> Answer."""

from assistant.ask.answer import Answer
from assistant.ask.asker import Asker

__all__ = ["Answer", "Asker"]
