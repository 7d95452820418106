/* portal/api.h: what the pages' scripts ask for. docs/man/postern-portal.8 has the requests and
 * answers, for other clients. */
#pragma once

#include "worker.h"

enum MHD_Result api_key(struct request *request);
enum MHD_Result api_static(struct request *request); /* scripts, styles and texts */
enum MHD_Result api_health(struct request *request);
enum MHD_Result api_locate(struct request *request);
enum MHD_Result api_prove(struct request *request);
enum MHD_Result api_code(struct request *request);
enum MHD_Result api_factor(struct request *request);
enum MHD_Result api_blob(struct request *request);
enum MHD_Result api_acknowledge(struct request *request);

const char *api_state_name(enum pickup_state state); /* "open", "revoked", "expired", "sent-on" */
