"""How well a method puts users into personas: places, halves, and what they foretell, on users the method never saw."""
