# Until its last day an exception lifts its rule, and it alone; then the rule applies again.
world
  plain.test     MX  10 mx.plain.test
  mx.plain.test  A   192.0.2.1
rules
  markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); },
              { name = "iban"; any = ( { detector = "iban"; } ); } );
  rules = ( { name = "cards"; when = { markers = [ "card" ]; };
              require = "authenticated"; otherwise = [ "refuse" ];
              say = "Ask the desk, tel. 4711.";
              exceptions = ( { to = [ "plain.test" ]; from = [ "a@our.example" ];
                               until = "2027-01-31"; why = "ticket 4711"; } ); },
            { name = "accounts"; when = { markers = [ "iban" ]; };
              require = "authenticated"; otherwise = [ "hold" ]; } );
message a@our.example b@plain.test at=2027-01-31T12:00:00Z
  Subject: hello

  4111 1111 1111 1111
expect
  b@plain.test pass
  plan accept
  says "rule "cards": ticket 4711 (until 2027-01-31)"
message c@our.example b@plain.test at=2027-01-31T12:00:00Z
  Subject: hello

  4111 1111 1111 1111
expect
  b@plain.test refuse
  never "ticket 4711"
  says "Ask the desk, tel. 4711."
message a@our.example b@plain.test at=2027-01-31T12:00:00Z
  Subject: hello

  4111 1111 1111 1111 DE89370400440532013000
expect
  b@plain.test hold
  says "ticket 4711"
  never "Ask the desk"
message a@our.example b@plain.test at=2027-02-02T12:00:00Z
  Subject: hello

  4111 1111 1111 1111
expect
  b@plain.test refuse
  never "ticket 4711"
