# What cannot be found out is never guessed. A person's message waits on the strict route.
world
  bogus.test  *  failed SERVFAIL
message a@our.example b@bogus.test
  Subject: hello

  4111 1111 1111 1111
expect
  b@bogus.test defer
  plan accept report route ret
