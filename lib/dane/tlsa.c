#include "dane/tlsa.h"

#include "crypto/der.h"

static const char *unusable_usage(uint8_t usage)
{
	if (usage == DANE_TA || usage == DANE_EE)
		return NULL;
	if (usage == DANE_PKIX_TA || usage == DANE_PKIX_EE)
		return "usage 0 and 1 lean on public CAs (RFC 7672 section 3.1.3)";
	return "the usage is not assigned";
}

/* A digest of another length matches nothing; whole data that does not parse
 * cannot be compared with anything (RFC 7671 §4: such a record is unusable). */
static const char *unusable_data(const struct dns_tlsa *record)
{
	switch (record->matching) {
	case DANE_WHOLE:
		if (record->selector == DANE_CERTIFICATE)
			return crypto_der_is_certificate(record->data)
				       ? NULL
				       : "its data is no certificate";
		return crypto_der_is_public_key(record->data) ? NULL : "its data is no public key";
	case DANE_SHA256:
		return record->data.len == 32 ? NULL : "its digest is not 32 bytes";
	case DANE_SHA512:
		return record->data.len == 64 ? NULL : "its digest is not 64 bytes";
	}
	return "the matching type is not assigned";
}

bool dane_tlsa_is_usable(const struct dns_tlsa *record, const char **why)
{
	const char *fault = unusable_usage(record->usage);

	if (!fault && record->selector != DANE_CERTIFICATE && record->selector != DANE_PUBLIC_KEY)
		fault = "the selector is not assigned";
	if (!fault)
		fault = unusable_data(record);
	if (fault && why)
		*why = fault;
	return !fault;
}

unsigned dane_tlsa_count_usable(const struct dns_answer *answer, const char **why)
{
	unsigned usable = 0;
	const char *first = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		const char *fault = NULL;

		if (dane_tlsa_is_usable(&answer->records[i].tlsa, &fault))
			usable++;
		else if (!first)
			first = fault;
	}
	if (usable == 0 && first && why)
		*why = first;
	return usable;
}
