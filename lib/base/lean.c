#include "base/lean.h"

#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Whether the loader wrote into what is not writable. */
static bool has_text_relocations(const struct dl_phdr_info *object)
{
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];
		if (p->p_type != PT_DYNAMIC)
			continue;
		const ElfW(Dyn) *d = (const void *)(uintptr_t)(object->dlpi_addr + p->p_vaddr);
		for (; d->d_tag != DT_NULL; d++)
			if (d->d_tag == DT_TEXTREL ||
			    (d->d_tag == DT_FLAGS && (d->d_un.d_val & DF_TEXTREL)))
				return true;
	}
	return false;
}

static int unmap_pages(struct dl_phdr_info *object, size_t size, void *arg)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size, (void)arg;
	if (strncmp(object->dlpi_name, "linux-", 6) == 0 || has_text_relocations(object))
		return 0; /* the kernel's own; or not as its file is */
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];
		if (p->p_type != PT_LOAD || (p->p_flags & PF_W))
			continue;
		uintptr_t begin = (object->dlpi_addr + p->p_vaddr + page - 1) & ~(page - 1);
		uintptr_t end = (object->dlpi_addr + p->p_vaddr + p->p_memsz) & ~(page - 1);
		if (begin < end)
			(void)!madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void lean_settle(void)
{
	(void)!malloc_trim(0);
	(void)dl_iterate_phdr(unmap_pages, NULL);
}
