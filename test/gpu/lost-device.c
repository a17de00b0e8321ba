// A Vulkan driver that passes everything on to the one in TANDEM_DRIVER and, after TANDEM_LOST_AFTER submissions of work, says that
// the device is lost, as a driver does that was reset.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef void (*Function)(void);
typedef Function (*Lookup)(void *, const char *);
typedef int (*Submit)(void *, uint32_t, const void *, void *);

enum { VK_ERROR_DEVICE_LOST = -4 };

static Lookup device_lookup;
static Submit submit;

static void *of_driver(const char *name) {
  static void *library;
  if (!library) library = dlopen(getenv("TANDEM_DRIVER"), RTLD_NOW | RTLD_LOCAL);
  return library ? dlsym(library, name) : NULL;
}

static int submit_until_lost(void *queue, uint32_t count, const void *submits, void *fence) {
  static int done;
  const char *limit = getenv("TANDEM_LOST_AFTER");
  if (limit && ++done > atoi(limit)) return VK_ERROR_DEVICE_LOST;
  return submit(queue, count, submits, fence);
}

static Function intercepted(const char *name, Function found) {
  if (!found || strcmp(name, "vkQueueSubmit") != 0) return found;
  submit = (Submit)found;
  return (Function)submit_until_lost;
}

static Function device_function(void *device, const char *name) {
  return intercepted(name, device_lookup(device, name));
}

Function vk_icdGetInstanceProcAddr(void *instance, const char *name) {
  Function found = ((Lookup)of_driver("vk_icdGetInstanceProcAddr"))(instance, name);
  if (!found || strcmp(name, "vkGetDeviceProcAddr") != 0) return intercepted(name, found);
  device_lookup = (Lookup)found;
  return (Function)device_function;
}

Function vk_icdGetPhysicalDeviceProcAddr(void *instance, const char *name) {
  Lookup lookup = (Lookup)of_driver("vk_icdGetPhysicalDeviceProcAddr");
  return lookup ? lookup(instance, name) : NULL;
}

int vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  return ((int (*)(uint32_t *))of_driver("vk_icdNegotiateLoaderICDInterfaceVersion"))(version);
}
