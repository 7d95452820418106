# A rule that is tried out changes nothing; where another enforces, that one decides.
world
  plain.test     MX  10 mx.plain.test
  mx.plain.test  A   192.0.2.1
rules
  markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); },
              { name = "tag"; any = ( { subject = "\\[board\\]"; strip = true; } ); } );
  rules = ( { name = "cards"; when = { markers = [ "card" ]; };
              require = "authenticated"; otherwise = [ "divert" ]; },
            { name = "tried out"; when = { markers = [ "tag" ]; }; mode = "observe";
              require = "authenticated"; otherwise = [ "refuse" ]; } );
message a@our.example b@plain.test c@our.example
  Subject: [board] minutes

  hello
expect
  b@plain.test pass
  c@our.example pass
  plan accept
  would b@plain.test refuse
  would c@our.example nothing
message a@our.example b@plain.test
  Subject: [board] minutes

  4111 1111 1111 1111
expect
  b@plain.test divert
  plan accept seal discard
  says "rule "cards": marker card"
  never "tried out"
  would b@plain.test refuse
message a@our.example b@plain.test
  Subject: hello

  4111 1111 1111 1111
expect
  b@plain.test divert
  would b@plain.test nothing
