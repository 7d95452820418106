#include "metrics/metrics.h"

#include "support/unit.h"

static void assert_line(const struct buf *text, const char *line)
{
	const char *at = strstr(buf_text(text), line);

	if (!at || (at > text->at && at[-1] != '\n') || at[strlen(line)] != '\n')
		fail_msg("no line \"%s\" in:\n%s", line, buf_text(text));
}

static void test_what_is_counted_is_told(void **state)
{
	(void)state;
	struct metrics *metrics = metrics_new();
	struct buf text = BUF_INIT(65536);

	metrics_count(metrics, METRICS_MESSAGES, 0);
	metrics_count(metrics, METRICS_RECIPIENTS, 4);
	metrics_count(metrics, METRICS_RECIPIENTS, 4);
	metrics_set(metrics, METRICS_SESSIONS, 3);
	metrics_count_as(metrics, METRICS_QUESTIONS, METRICS_QUESTION_LATE, 7);
	metrics_count_as(metrics, METRICS_QUESTIONS, METRICS_QUESTION_LATE, 9);
	metrics_time(metrics, METRICS_LOOKUP_TIME, 0);
	metrics_time(metrics, METRICS_LOOKUP_TIME, 10);
	metrics_time(metrics, METRICS_LOOKUP_TIME, 11);
	metrics_time(metrics, METRICS_LOOKUP_TIME, 99000);
	metrics_time(metrics, METRICS_LOOKUP_TIME, -5); /* the clock */
	assert_int_equal(metrics_counted(metrics, METRICS_RECIPIENTS, 4), 2);
	assert_int_equal(metrics_format(metrics, &text), RC_OK);
	assert_line(&text, "# TYPE postern_messages_total counter");
	assert_line(&text, "postern_messages_total 1");
	assert_line(&text, "postern_recipients_total{verdict=\"divert\"} 2");
	assert_line(&text, "postern_recipients_total{verdict=\"pass\"} 0");
	assert_line(&text, "postern_lookup_seconds_bucket{le=\"0.001\"} 2");
	assert_line(&text, "postern_lookup_seconds_bucket{le=\"0.010\"} 3");
	assert_line(&text, "postern_lookup_seconds_bucket{le=\"30.000\"} 4");
	assert_line(&text, "postern_lookup_seconds_bucket{le=\"+Inf\"} 5");
	assert_line(&text, "postern_lookup_seconds_sum 99.021");
	assert_line(&text, "postern_lookup_seconds_count 5");
	assert_line(&text, "postern_sessions 3");
	assert_line(&text, "postern_dns_questions_total{what=\"late\"} 9");
	assert_line(&text, "postern_dns_questions_total{what=\"tcp\"} 0");
	assert_line(&text, "postern_resolver_sound -1");
	buf_free(&text);
	metrics_free(metrics);
}

static void test_none_counts_nothing(void **state)
{
	(void)state;
	metrics_count(NULL, METRICS_MESSAGES, 0);
	metrics_time(NULL, METRICS_FETCH_TIME, 1);
	metrics_count_as(NULL, METRICS_QUESTIONS, METRICS_QUESTION_TCP, 1);
	metrics_set(NULL, METRICS_SESSIONS, 1);
	metrics_free(NULL);
}

static void test_text_without_room(void **state)
{
	(void)state;
	struct metrics *metrics = metrics_new();
	struct buf text = BUF_INIT(100);

	assert_int_equal(metrics_format(metrics, &text), RC_LIMIT);
	buf_free(&text);
	metrics_free(metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_counted_is_told),
		cmocka_unit_test(test_none_counts_nothing),
		cmocka_unit_test(test_text_without_room),
	};
	return cmocka_run_group_tests_name("metrics/metrics", tests, NULL, NULL);
}
