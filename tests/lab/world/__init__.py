"""A private world on one machine: signed DNS, a validating resolver, MX hosts,
a host for MTA-STS policies, a Postfix and a Postern, all inside a network and
process namespace of their own. See world.py for the whole, cases.py for the
destinations and the promise that each of them makes."""
