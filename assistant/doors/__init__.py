"""The doors that other programs come in by: OpenAI's interface for chats, the Model Context Protocol, Slack."""
