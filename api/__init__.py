"""The front doors: use cases (`service`), HTTP (`http`), pages (`web`) and the command line (`cli`)."""
