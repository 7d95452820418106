/* However a message is cut, the same is found; and no evidence holds a card number. */
#include "../../support/inspected.h"

#include "inspect/card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_masked(struct slice out)
{
	struct card card;

	for (size_t end = CARD_DIGITS_MIN; end <= out.len; end++)
		assert(!card_find((struct slice){ out.at, end }, end, &card));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct inspect_rules *rules;
	const char *text =
		"markers = ( { name = \"m\"; any = ( { detector = \"payment-card\"; },"
		"{ detector = \"iban\"; }, { detector = \"us-ssn\"; }, { detector = \"us-itin\"; },"
		"{ detector = \"uk-nino\"; }, { detector = \"uk-nhs\"; }, { detector = "
		"\"de-tax-id\"; },"
		"{ detector = \"fr-nir\"; }, { detector = \"es-dni\"; }, { detector = \"es-nie\"; "
		"},"
		"{ detector = \"it-codice-fiscale\"; }, { detector = \"nl-bsn\"; },"
		"{ detector = \"be-rrn\"; }, { detector = \"pl-pesel\"; }, { detector = "
		"\"ch-ahv\"; },"
		"{ detector = \"au-tfn\"; }, { detector = \"au-medicare\"; }, { detector = "
		"\"ca-sin\"; },"
		"{ detector = \"in-aadhaar\"; }, { detector = \"in-pan\"; }, { detector = "
		"\"br-cpf\"; },"
		"{ detector = \"br-cnpj\"; }, { detector = \"api-secret\"; }, { detector = "
		"\"private-key\"; }, { detector = "
		"\"tlp\"; },"
		"{ detector = \"uk-gsc\"; }, { detector = \"cui\"; }, { detector = \"sio-label\"; "
		"},"
		"{ detector = \"nato-label\"; }, { detector = \"msip-label\"; }, { detector = "
		"\"au-protective-marking\"; },"
		"{ detector = \"sender-wish\"; strip = true; },"
		"{ subject = \"\\\\[secure\\\\]\"; strip = true; },"
		"{ body = \"secret\"; }, { detector = \"opaque\"; } ); } );";

	if (!rules)
		rules = inspected_rules(text, INSPECT_LIMITS_DEFAULT);
	struct slice in = { (const char *)data, size };
	struct buf whole = inspected_message(rules, in, size),
		   cut = inspected_message(rules, in, 3);
	assert(strcmp(buf_text(&whole), buf_text(&cut)) == 0);
	char *subject = strstr(buf_text(&whole), "\nsubject: ");
	assert_masked(
		(struct slice){ whole.at, subject ? (size_t)(subject - whole.at) : whole.len });
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}
