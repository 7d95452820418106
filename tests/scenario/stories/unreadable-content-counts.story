# Content that cannot be read is not proven clean.
world
  plain.test     MX  10 mx.plain.test
  mx.plain.test  A   192.0.2.1
message a@our.example b@plain.test
  Subject: hello
  MIME-Version: 1.0
  Content-Type: application/zip
  Content-Transfer-Encoding: base64
  Content-Disposition: attachment; filename="a.zip"

  UEsDBAoAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYVBLBQYAAAAAAQABAC8AAAAfAAAAAAA=
expect
  b@plain.test divert
