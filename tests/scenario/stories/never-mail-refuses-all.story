# What the operator lets nobody be sent is refused, whatever is in it, and nothing is looked up.
world
  zone good.test secure
  good.test                 MX    10 mx.good.test
rules
  destinations = ( { domain = ".rival.test"; never = true; why = "court order 7/26"; } );
message a@our.example b@good.test c@shop.rival.test
  Subject: hello

  nothing in particular
expect
  b@good.test pass
  c@shop.rival.test refuse
  plan refuse 550 5.7.1
  says "<c@shop.rival.test>: nothing may be sent to this domain; court order 7/26."
