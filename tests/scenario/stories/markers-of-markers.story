# Two kinds of data together, unless it is marked as made up; at night, to strangers, in bulk.
world
  plain.test     MX  10 mx.plain.test
  mx.plain.test  A   192.0.2.1
rules
  markers = ( { name = "person"; any = ( { detector = "payment-card"; }, { detector = "iban"; },
                                         { body = "diagnosis"; } ); min_tests = 2; },
              { name = "made.up"; any = ( { subject = "sample data"; } ); },
              { name = "record"; all = ( { marker = "person"; } );
                not = ( { marker = "made.up"; } ); } );
  rules = ( { name = "records"; when = { markers = [ "record" ]; direction = "outbound";
                size = { max = 100000; }; recipients_min = 2;
                time = { from = "20:00"; to = "06:00"; zone = "utc"; }; };
              require = "authenticated"; otherwise = [ "hold" ]; } );
message a@our.example b@plain.test c@our.example at=2026-11-27T23:00:00Z
  Subject: hello

  4111 1111 1111 1111 and the diagnosis
expect
  b@plain.test hold
message a@our.example b@plain.test c@our.example at=2026-11-27T12:00:00Z
  Subject: by day

  4111 1111 1111 1111 and the diagnosis
expect
  b@plain.test pass
message a@our.example b@plain.test at=2026-11-27T23:00:00Z
  Subject: to one

  4111 1111 1111 1111 and the diagnosis
expect
  b@plain.test pass
message a@our.example b@plain.test c@our.example at=2026-11-27T23:00:00Z
  Subject: one kind

  4111 1111 1111 1111 and 5555 5555 5555 4444
expect
  b@plain.test pass
message a@our.example b@plain.test c@our.example at=2026-11-27T23:00:00Z
  Subject: sample data

  4111 1111 1111 1111 and the diagnosis
expect
  b@plain.test pass
