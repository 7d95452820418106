# Signed parts, a wish for the whole message and a finding that stays go to the next rung.
world
  plain.test                MX    10 mx.plain.test
  mx.plain.test             A     192.0.2.1
rules
  markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); } );
  rules = ( { name = "parts"; when = { markers = ["card"]; }; require = "authenticated";
              otherwise = ["rewrite", "divert"]; rewrite = "attachments"; } );
message a@our.example b@plain.test
  Subject: your order
  Content-Type: multipart/signed; boundary=b

  --b
  Content-Type: text/csv; name=list.csv

  4111 1111 1111 1111
  --b
  Content-Type: application/pkcs7-signature; name=smime.p7s

  MIIB
  --b--
expect
  b@plain.test divert
  plan accept seal discard
  says "a part of a signed message cannot be sealed alone"
message a@our.example b@plain.test
  Subject: your order
  Content-Type: multipart/mixed; boundary=b

  --b

  4111 1111 1111 1111
  --b
  Content-Type: image/png; name=logo.png

  x
  --b--
expect
  b@plain.test divert
  says "what is left of it would still have to be protected"
message a@our.example b@plain.test wish=authenticated
  Subject: your order
  Content-Type: multipart/mixed; boundary=b

  --b

  as you asked
  --b
  Content-Type: text/csv; name=list.csv

  4111 1111 1111 1111
  --b--
expect
  b@plain.test divert
  says "what is left of it would still have to be protected"
message a@our.example b@plain.test
  Subject: your order

  4111 1111 1111 1111
expect
  b@plain.test divert
  says "the message has no attachments to seal"
message <> b@plain.test
  Subject: your order

  4111 1111 1111 1111
expect
  b@plain.test refuse
  says "this message has none"
