# Strict, sealed and internal recipients of one message each go their way.
world
  zone good.test secure
  good.test                 MX    10 mx.good.test
  mx.good.test              A     192.0.2.2
  _25._tcp.mx.good.test     TLSA  3 1 1 sha256
  plain.test                MX    10 mx.plain.test
  mx.plain.test             A     192.0.2.1
message a@our.example b@good.test c@plain.test d@our.example
  Subject: [secure] hello

  nothing in the text
expect
  b@good.test deliver
  c@plain.test divert
  d@our.example pass
  plan accept seal copy subject off0 off1
