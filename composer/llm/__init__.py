"""Models: servers that speak the OpenAI protocol, the model that is built in, and token counts."""
