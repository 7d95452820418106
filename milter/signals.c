#include <signal.h>
#include <unistd.h>

int sigwait(const sigset_t *restrict set, int *restrict number);

/* In place of libc's, for the one caller that there is in this process: libmilter's thread for
 * signals, which ends the daemon on a hangup and calls it a failure on SIGINT. The kernel gives a
 * signal to it as soon as the loop's thread has another pending, as under load or when an operator
 * is impatient. So it waits for none: signals are the loop's (daemon.c). */
int sigwait(const sigset_t *restrict set, int *restrict number)
{
	(void)set;
	(void)number;
	for (;;)
		pause(); /* all that could wake it are blocked in its thread */
}
