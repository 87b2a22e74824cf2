"""Only in the demo: a small company, and a mailbox that shows what the desk sends out."""
