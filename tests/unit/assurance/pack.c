#include "assurance/pack.h"

#include "support/unit.h"

static const char *const reasons[] = {
	"mx1.partner.example has 2 usable TLSA records at _25._tcp.mx1.partner.example, and every "
	"lookup on the way there is signed (RFC 7672 section 2.2)",
	"the MX records of partner.example are not signed, so DANE cannot prove its hosts (RFC "
	"7672 "
	"section 2.2.1)",
};
static const char *const patterns[] = { "*.partner.example", "mx9.partner.example" };
static const char *const match[] = { "mx1.partner.example" };
static const struct assurance_mx hosts[] = {
	{ .host = "mx1.partner.example",
	  .preference = 65535,
	  .lookup = ASSURANCE_INSECURE,
	  .address = ASSURANCE_ERROR,
	  .tlsa = ASSURANCE_NOT_ASKED,
	  .tlsa_base = "mx1.partner.example",
	  .usable = 100000,
	  .sts_match = true,
	  .name_count = 2,
	  .names = patterns,
	  .level = ASSURANCE_REQUIRETLS,
	  .probe = { true, true, false, true, "TLSv1.3", "" },
	  .why = "mx1.partner.example was named by MX records that are not signed" },
	{ .host = "mx2.partner.example",
	  .preference = 0,
	  .tlsa_base = "",
	  .level = ASSURANCE_NONE,
	  .probe = { true, false, true, false, "", "it offers no STARTTLS" },
	  .why = "" },
};
static const struct assurance_sts sts = { "enforce", "20261101T00", 4294967295u,
					  2,         patterns,      ASSURANCE_STS_CACHED };

static const struct {
	const char *name;
	struct assurance a;
	size_t most; /* bytes packed */
} rows[] = {
	{ "the least that there is", { .domain = "a.test" }, 40 },
	{ "nothing promised, as most are",
	  { .domain = "partner.example",
	    .level = ASSURANCE_NONE,
	    .until = 1795312345,
	    .reason_count = 1,
	    .reasons = reasons + 1,
	    .mx_count = 1,
	    .mx = hosts + 1 },
	  120 },
	{ "everything at once",
	  { .domain = "partner.example",
	    .level = ASSURANCE_REQUIRETLS,
	    .by = ASSURANCE_BY_NULL_MX,
	    .held = true,
	    .until = 1795312345,
	    .reason_count = 2,
	    .reasons = reasons,
	    .mx_count = 2,
	    .mx = hosts,
	    .sts = &sts,
	    .match_count = 1,
	    .match = match,
	    .key_count = 2,
	    .keys = patterns,
	    .anchors = "postern/pin-3f2a.pem" },
	  300 },
};

static void assert_texts(const char *const *a, const char *const *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(a[i], b[i]);
}

static void assert_mx(const struct assurance_mx *a, const struct assurance_mx *b)
{
	assert_string_equal(a->host, b->host);
	assert_int_equal(a->preference, b->preference);
	assert_int_equal(a->lookup, b->lookup);
	assert_int_equal(a->address, b->address);
	assert_int_equal(a->tlsa, b->tlsa);
	assert_string_equal(a->tlsa_base, b->tlsa_base);
	assert_int_equal(a->usable, b->usable);
	assert_int_equal(a->sts_match, b->sts_match);
	assert_int_equal(a->name_count, b->name_count);
	assert_texts(a->names, b->names, a->name_count);
	assert_int_equal(a->level, b->level);
	assert_int_equal(a->probe.done, b->probe.done);
	assert_int_equal(a->probe.starttls, b->probe.starttls);
	assert_int_equal(a->probe.authenticated, b->probe.authenticated);
	assert_int_equal(a->probe.requiretls, b->probe.requiretls);
	assert_string_equal(a->probe.tls, b->probe.tls);
	assert_string_equal(a->probe.why, b->probe.why);
	assert_string_equal(a->why, b->why);
}

static void assert_same(const struct assurance *a, const struct assurance *b)
{
	assert_string_equal(a->domain, b->domain);
	assert_int_equal(a->level, b->level);
	assert_int_equal(a->by, b->by);
	assert_int_equal(a->held, b->held);
	assert_int_equal(a->until, b->until);
	assert_int_equal(a->reason_count, b->reason_count);
	assert_texts(a->reasons, b->reasons, a->reason_count);
	assert_int_equal(a->mx_count, b->mx_count);
	for (size_t i = 0; i < a->mx_count; i++)
		assert_mx(&a->mx[i], &b->mx[i]);
	assert_int_equal(!a->sts, !b->sts);
	if (a->sts) {
		assert_string_equal(a->sts->mode, b->sts->mode);
		assert_string_equal(a->sts->id, b->sts->id);
		assert_int_equal(a->sts->max_age, b->sts->max_age);
		assert_int_equal(a->sts->source, b->sts->source);
		assert_int_equal(a->sts->mx_count, b->sts->mx_count);
		assert_texts(a->sts->mx, b->sts->mx, a->sts->mx_count);
	}
	assert_int_equal(a->key_count, b->key_count);
	assert_texts(a->keys, b->keys, a->key_count);
	assert_string_equal(a->anchors, b->anchors ? b->anchors : "");
	assert_int_equal(a->match_count, b->match_count);
	assert_texts(a->match, b->match, a->match_count);
}

static void test_comes_back_as_it_was(void **state)
{
	(void)state;
	struct assurance_packer *packer = assurance_packer_new();

	assert_non_null(packer);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf packed = BUF_INIT(4096);

		print_message("   %s", rows[i].name);
		assert_int_equal(assurance_pack(packer, &rows[i].a, &packed), RC_OK);
		print_message(": %zu bytes\n", packed.len);
		assert_in_range(packed.len, 1, rows[i].most);
		const struct assurance *a = assurance_unpack(packer, buf_slice(&packed));
		assert_non_null(a);
		assert_same(a, &rows[i].a);
		assurance_unref(a);
		buf_free(&packed);
	}
	assurance_packer_free(packer);
}

static void test_what_is_cut_or_changed_is_refused_or_whole(void **state)
{
	(void)state;
	struct assurance_packer *packer = assurance_packer_new();
	struct buf packed = BUF_INIT(4096);

	assert_int_equal(assurance_pack(packer, &rows[2].a, &packed), RC_OK);
	for (size_t i = 0; i < packed.len; i++)
		assert_null(assurance_unpack(packer, (struct slice){ packed.at, i }));
	for (size_t i = 0; i < packed.len; i++) { /* never a crash, whatever comes out */
		packed.at[i] ^= 0x10;
		assurance_unref(assurance_unpack(packer, buf_slice(&packed)));
		packed.at[i] ^= 0x10;
	}
	buf_free(&packed);
	assurance_packer_free(packer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_back_as_it_was),
		cmocka_unit_test(test_what_is_cut_or_changed_is_refused_or_whole),
	};
	return cmocka_run_group_tests_name("assurance/pack", tests, NULL, NULL);
}
