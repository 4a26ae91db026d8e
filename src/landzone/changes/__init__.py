"""What changed between two audits: pure functions on their tables; nothing is measured or judged anew but shapes."""
