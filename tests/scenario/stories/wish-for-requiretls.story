# The strict route can promise proven TLS and no more: a wish for REQUIRETLS is never met by delivery.
world
  zone good.test secure
  good.test                 MX    10 mx.good.test
  mx.good.test              A     192.0.2.2
  _25._tcp.mx.good.test     TLSA  3 1 1 sha256
rules
  markers = ( { name = "m"; any = ( { subject = "minutes"; } ); } );
  rules = ( { name = "minutes"; when = { markers = [ "m" ]; }; require = "requiretls";
              otherwise = [ "refuse" ]; } );
message a@our.example b@good.test
  Subject: minutes

  text
expect
  b@good.test refuse
  plan refuse 550 5.7.30
