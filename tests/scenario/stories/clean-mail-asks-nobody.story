# Unprotected mail passes whatever the world says, and waits for nothing.
world
  slow.test  *  never
message a@our.example b@slow.test
  Subject: hello

  no number here
expect
  b@slow.test pass
  plan accept
