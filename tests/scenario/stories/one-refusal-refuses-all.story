# Nobody gets half a message.
world
  zone good.test secure
  good.test                 MX    10 mx.good.test
  mx.good.test              A     192.0.2.2
  _25._tcp.mx.good.test     TLSA  3 1 1 sha256
  plain.test                MX    10 mx.plain.test
  mx.plain.test             A     192.0.2.1
rules
  markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); } );
  rules = ( { name = "cards"; when = { markers = [ "card" ]; }; require = "authenticated";
              otherwise = [ "refuse" ]; } );
message a@our.example b@good.test c@plain.test
  Subject: hello

  4111 1111 1111 1111
expect
  b@good.test deliver
  c@plain.test refuse
  plan refuse 550 5.7.10
  says "c@plain.test"
