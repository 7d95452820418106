# A program repeats its message itself.
world
  bogus.test  *  failed SERVFAIL
message a@our.example b@bogus.test program
  Subject: hello

  4111 1111 1111 1111
expect
  b@bogus.test defer
  plan defer 451 4.7.10
