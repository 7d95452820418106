# A card number to a domain with DANE: the strict route, and headers only in bounces.
world
  zone good.test secure
  good.test                 MX    10 mx.good.test
  mx.good.test              A     192.0.2.2
  _25._tcp.mx.good.test     TLSA  3 1 1 sha256
message a@our.example b@good.test
  Subject: hello

  my card is 4111-1111-1111-1111
expect
  b@good.test deliver
  plan accept route ret
