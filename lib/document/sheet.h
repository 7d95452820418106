/* document/sheet.h: the text and numbers of an Excel 97 to 2003 workbook.
 *
 *     SST      every different text of the workbook, once
 *     NUMBER   a cell's: 4111111111111111, in full where it is whole
 *
 * Each stands in a line of its own.
 *
 * Standard  [MS-XLS] §2.4.265 (SST), §2.5.293 (rich strings), §2.4.180 (Number),
 *           §2.5.217 (RkNumber), §2.4.117 (FilePass), §2.4.329 (TxO)
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

void sheet_read(struct reading *r, struct slice stream);
