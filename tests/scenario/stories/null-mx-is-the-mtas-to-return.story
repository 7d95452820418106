# A null MX is no TLS problem (RFC 7505): the mail server returns the message.
world
  nullmx.test  MX  0 .
message a@our.example b@nullmx.test
  Subject: hello

  4111 1111 1111 1111
expect
  b@nullmx.test deliver
  plan accept route ret
