# Nobody can be told the phrase: the ladder goes on past the portal.
world
  plain.test     MX  10 mx.plain.test
  mx.plain.test  A   192.0.2.1
message <> b@plain.test program
  Subject: hello

  4111 1111 1111 1111
expect
  b@plain.test defer
  plan defer 451 4.7.10
  says "has none"
