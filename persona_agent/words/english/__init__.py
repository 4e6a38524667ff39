"""English: everything that a page says of a measure, a name or a card, in this language. Another language is a folder beside it.

Acts and fields come in by their plain names (`words.wording`), and go out in phrases that people say.
"""
