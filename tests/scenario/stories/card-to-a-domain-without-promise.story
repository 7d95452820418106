# A card number to a domain that promises nothing: sealed for the portal, and nothing of it is said.
world
  plain.test     MX  10 mx.plain.test
  mx.plain.test  A   192.0.2.1
message a@our.example b@plain.test
  Subject: hello

  my card is 4111 1111 1111 1111
expect
  b@plain.test divert
  plan accept seal discard
  says "cards only over proven TLS"
  never 4111 1111 1111 1111
