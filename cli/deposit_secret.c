#include "cli/deposit_secret.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

bool secret_read(const struct cli *cli, const char *path, struct buf *out)
{
	CLEANUP(buf_wipe) struct buf text = BUF_SECRET(SECRET_MAX);
	struct slice rest, line;

	if (!cli_read(cli, path, &text))
		return false;
	rest = buf_slice(&text);
	while (slice_take_line(&rest, &line)) {
		line = slice_trim(line);
		if (line.len)
			return buf_add_slice(out, line) == RC_OK;
	}
	cli_fail(cli, CLI_USAGE, "%s is empty", path);
	return false;
}

static int open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

bool secret_can_ask(void)
{
	CLEANUP(cleanup_fd) int fd = open_terminal();

	return fd >= 0;
}

/* One key. False: no more. */
static bool read_key(int fd, char *key)
{
	ssize_t n;

	while ((n = read(fd, key, 1)) < 0 && errno == EINTR)
		;
	return n == 1;
}

/* A line, key by key, since Ctrl-C must not leave the terminal mute. */
static bool read_keys(int fd, struct buf *out)
{
	const char interrupt = 3, end = 4, erase = 0x7f, backspace = 8;
	char key;

	while (read_key(fd, &key)) {
		if (key == '\r' || key == '\n')
			return true;
		if (key == interrupt || key == end)
			return false;
		if (key == erase || key == backspace) {
			out->len -= out->len > 0;
			continue;
		}
		if (buf_add_byte(out, key) != RC_OK)
			return false;
	}
	return false;
}

bool secret_ask(const struct cli *cli, const char *prompt, struct buf *out)
{
	CLEANUP(cleanup_fd) int fd = open_terminal();
	struct termios before, mute;

	if (fd < 0 || tcgetattr(fd, &before) < 0) {
		cli_fail(cli, CLI_USAGE,
			 "there is no terminal to ask on; see --code-file and "
			 "--phrase-file");
		return false;
	}
	mute = before;
	mute.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
	mute.c_cc[VMIN] = 1;
	mute.c_cc[VTIME] = 0;
	if (write(fd, prompt, strlen(prompt)) < 0 || tcsetattr(fd, TCSAFLUSH, &mute) < 0) {
		cli_fail(cli, CLI_USAGE, "cannot use the terminal: %s", strerror(errno));
		return false;
	}
	bool read = read_keys(fd, out);
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	if (write(fd, "\n", 1) < 0 || !read)
		cli_fail(cli, CLI_NO, "nothing was typed to the end");
	return read;
}

struct slice secret_code(struct slice text)
{
	for (size_t i = text.len; i > 0; i--) {
		const char *at = text.at + i - 1;
		size_t left = text.len - i + 1;

		if (*at == '#')
			return (struct slice){ at + 1, left - 1 };
		if (left >= 3 && memcmp(at, "%23", 3) == 0)
			return (struct slice){ at + 3, left - 3 };
	}
	return text;
}
