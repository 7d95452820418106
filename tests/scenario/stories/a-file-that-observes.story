# Nothing is done, not for a wish, nor where the way or the content cannot be found out.
world
  plain.test     MX  10 mx.plain.test
  mx.plain.test  A   192.0.2.1
  bogus.test     *   failed SERVFAIL
rules
  mode = "observe";
  markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); } );
  rules = ( { name = "cards"; when = { markers = [ "card" ]; };
              require = "authenticated"; otherwise = [ "hold" ]; } );
message a@our.example b@plain.test e@bogus.test
  Subject: hello

  4111 1111 1111 1111
expect
  b@plain.test pass
  e@bogus.test pass
  plan accept
  would b@plain.test hold
  would e@bogus.test defer
message a@our.example b@plain.test wish=authenticated
  Subject: hello

  hello
expect
  plan accept
  would b@plain.test divert
message a@our.example b@plain.test
  Subject: hello
  Content-Type: multipart/encrypted; boundary=x

  --x
  Content-Type: application/octet-stream

  -----BEGIN PGP MESSAGE-----
  --x--
expect
  plan accept
  would b@plain.test hold
