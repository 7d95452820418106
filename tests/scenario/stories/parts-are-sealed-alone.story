# The attachment with the card goes into the portal, the rest on its way; a colleague in copy gets
# the message as it was, a proven destination too.
world
  zone good.test secure
  good.test                 MX    10 mx.good.test
  mx.good.test              A     192.0.2.2
  _25._tcp.mx.good.test     TLSA  3 1 1 sha256
  plain.test                MX    10 mx.plain.test
  mx.plain.test             A     192.0.2.1
rules
  markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); } );
  rules = ( { name = "parts"; when = { markers = ["card"]; }; require = "authenticated";
              otherwise = ["rewrite", "divert"]; } );
message a@our.example b@plain.test
  Subject: your order
  Content-Type: multipart/mixed; boundary=b

  --b

  as you asked
  --b
  Content-Type: text/csv; name=list.csv

  4111 1111 1111 1111
  --b--
expect
  b@plain.test rewrite
  plan accept seal-parts body
  says "the sensitive parts are sealed for the portal"
  left "as you asked"
  left "https://secure.our.example"
  taken "4111 1111 1111 1111"
  taken "Subject: your order"
  never "4111 1111"
  never "list.csv"
message a@our.example b@plain.test c@our.example d@good.test
  Subject: your order 4111 1111 1111 1111
  Content-Type: multipart/mixed; boundary=b

  --b

  as you asked
  --b
  Content-Type: text/csv; name=list.csv

  4111 1111 1111 1111
  --b--
expect
  b@plain.test rewrite
  c@our.example pass
  d@good.test deliver
  plan accept seal-parts copy copy header body off1 off2
  taken "Subject: your order 4111 1111 1111 1111"
