/* A dictionary that is read knows each of its terms when it stands in a text. */
#include "inspect/words.h"

#include "base/file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rules_place place = { "rules.conf", 1 };
	char path[] = "/tmp/postern-words-XXXXXX";
	struct words *w = words_new();
	struct words_hit hits[WORDS_LENGTH_MAX];
	struct mime_tokens tokens;
	struct words_state state = { 0 };
	const struct mime_token *token;
	struct slice text = { (const char *)data, size };
	int fd = mkstemp(path);

	assert(w && fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
	enum rc rc = words_add(w, path, &place, 1, NULL);
	assert(unlink(path) == 0);
	mime_tokens_begin(&tokens);
	while (rc == RC_OK && (token = mime_token_take(&tokens, &text))) {
		size_t count = words_take(w, &state, token, hits);
		assert(count <= WORDS_LENGTH_MAX && state.count <= WORDS_LENGTH_MAX);
		for (size_t i = 0; i < count; i++)
			assert(hits[i].at <= token->at && words_term(w, hits[i].term).text.len);
	}
	words_free(w);
	return 0;
}
