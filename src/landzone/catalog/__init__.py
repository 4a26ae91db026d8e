"""Knowledge as data: rule packs, crosswalks, column aliases, labels, messages. The loader is the only code."""
