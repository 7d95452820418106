# A remembered policy binds when DNS and HTTPS no longer speak of it (RFC 8461 3.3).
world
  sts.test              MX   10 mx.sts.test
  mx.sts.test           A    192.0.2.3
  _mta-sts.sts.test     TXT  v=STSv1; id=1;
  mta-sts.sts.test      A    192.0.2.4
  https mta-sts.sts.test  version: STSv1\nmode: enforce\nmx: mx.sts.test\nmax_age: 604800\n
message a@our.example b@sts.test
  Subject: first

  4111 1111 1111 1111
expect
  b@sts.test deliver
world
  _mta-sts.sts.test     TXT  nodata
  https mta-sts.sts.test  fails blocked
pass 86400
message a@our.example b@sts.test
  Subject: second

  4111 1111 1111 1111
expect
  b@sts.test deliver
world
  sts.test              MX   10 mx.attacker.test
  mx.attacker.test      A    192.0.2.66
pass 7200
message a@our.example b@sts.test
  Subject: third

  4111 1111 1111 1111
expect
  b@sts.test defer
pass 604800
message a@our.example b@sts.test
  Subject: fourth, and the policy has run out while nobody could renew it

  4111 1111 1111 1111
expect
  b@sts.test defer
