/* sts/stored.h: one domain's policy as it is kept on disk.
 *
 *     postern-sts 1 1c291ca3
 *     domain: partner.example
 *     id: 20261122T0245
 *     fetched: 1795315547
 *     expires: 1795920347
 *
 *     version: STSv1
 *     mode: enforce
 *     mx: mx1.partner.example
 *     max_age: 604800
 *
 * The hexadecimal number is the CRC-32 of all that follows its line, so that a
 * record that was cut or changed is known as damaged and its domain treated as
 * one whose policy is lost, not as one that never had any.
 *
 * Threads   pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "sts/policy.h"
#include "sts/record.h"

enum {
	/* Of the policy only the known fields are kept: 64 patterns of 255 bytes. */
	STS_STORED_POLICY_MAX = 20 * 1024,
	STS_STORED_MAX = STS_STORED_POLICY_MAX + 1024,
};

struct sts_stored {
	char domain[DNS_NAME_MAX];
	char id[STS_ID_MAX + 1];      /* announced when it was fetched; "" if none was */
	int64_t fetched_s, expires_s; /* wall clock */
	struct slice text;            /* the policy; borrowed */
	struct sts_policy policy;     /* text, read; borrows from text */
};

/* Adds policy's text to out in one fixed form, without what we do not know. */
enum rc sts_policy_format(const struct sts_policy *policy, struct buf *out);

/* Adds the record to out; stored->policy is what counts, not its text. */
enum rc sts_stored_format(const struct sts_stored *stored, struct buf *out);

/* Adds body below its first line, the one with the sum. */
enum rc sts_stored_seal(struct slice body, struct buf *out);

/* RC_INVALID: not a record, or damaged; *out is then untouched. It borrows from bytes. */
enum rc sts_stored_parse(struct slice bytes, struct sts_stored *out, struct fault *why);
