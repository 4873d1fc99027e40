"""All of the writer's stories."""
