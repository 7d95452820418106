/* support/mx_answer.h: a destination, and what was answered of its MX records. */
#pragma once

#include "assurance/destination.h"
#include "dns/answer.h"

static struct assurance_destination destination(const char *text)
{
	struct assurance_destination d;

	assert_int_equal(
		assurance_destination_parse((struct slice){ text, strlen(text) }, &d, NULL), RC_OK);
	return d;
}

static struct dns_answer mx_answer(const struct dns_record *records, size_t count)
{
	return (struct dns_answer){
		.asked = "d.test",
		.type = DNS_MX,
		.status = count ? DNS_FOUND : DNS_NODATA,
		.trust = DNS_SECURE,
		.name = "d.test",
		.ttl = 300,
		.count = count,
		.records = records,
		.why = "",
	};
}
