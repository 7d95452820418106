# Mode testing is no promise (RFC 8461 5).
world
  sts.test              MX   10 mx.sts.test
  mx.sts.test           A    192.0.2.3
  _mta-sts.sts.test     TXT  v=STSv1; id=1;
  mta-sts.sts.test      A    192.0.2.4
  https mta-sts.sts.test  version: STSv1\nmode: testing\nmx: mx.sts.test\nmax_age: 604800\n
message a@our.example b@sts.test
  Subject: hello

  4111 1111 1111 1111
expect
  b@sts.test divert
  says "testing"
