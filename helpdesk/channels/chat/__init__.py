"""Chat: the widget on somebody's web page, and its websocket."""
