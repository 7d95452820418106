/* Whatever the words, what was taken is written in one line that reads the same. */
#include "mail/param.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size }, word;
	struct mail_from_params from = { 0 }, again = { 0 };
	struct mail_rcpt_params rcpt = { 0 };
	struct buf once = BUF_INIT(4096), twice = BUF_INIT(4096);

	while (slice_take_line(&text, &word)) {
		(void)mail_from_param_take(word, &from, NULL);
		(void)mail_rcpt_param_take(word, &rcpt, NULL);
	}
	if (mail_from_params_format(&from, &once) != RC_OK || buf_add_byte(&once, ' ') != RC_OK)
		abort();
	for (text = buf_slice(&once); slice_take_until(&text, ' ', &word);)
		if (word.len && mail_from_param_take(word, &again, NULL) != RC_OK)
			abort();
	if (mail_from_params_format(&again, &twice) != RC_OK || buf_add_byte(&twice, ' ') != RC_OK)
		abort();
	if (strcmp(buf_text(&once), buf_text(&twice)) != 0)
		abort();
	if (mail_rcpt_params_format(&rcpt, &once) != RC_OK || strpbrk(buf_text(&once), "\r\n"))
		abort();
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
