// SPDX-License-Identifier: GPL-2.0-only
/* Mappings of an attachment: the payload, and the records. */
#include <linux/cred.h>
#include <linux/mm.h>

#include "l4shmc.h"

static vm_fault_t l4shmc_control_fault(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	struct l4shmc_client *client = file->private_data;
	unsigned long nr = vmf->pgoff - (L4SHMC_CONTROL_OFFSET >> PAGE_SHIFT);
	const struct cred *own;
	struct page *page;

	/* An observer makes no pages. */
	if (client->number == L4SHMC_CLIENT_NONE && !xa_load(&client->area->pages, nr))
		return VM_FAULT_SIGBUS;
	/* Whoever touches it, perhaps for others: who made the client is charged. */
	own = override_creds(file->f_cred);
	page = l4shmc_control_page(client->area, nr);
	revert_creds(own);
	if (IS_ERR(page))
		return PTR_ERR(page) == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct l4shmc_control_ops = {
	.fault = l4shmc_control_fault,
};

int l4shmc_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct l4shmc_client *client = file->private_data;
	struct l4shmc_area *area = client->area;
	/* Page numbers: in bytes the offset could overflow. */
	unsigned long control = L4SHMC_CONTROL_OFFSET >> PAGE_SHIFT;
	unsigned long pages = vma_pages(vma);
	unsigned long first = vma->vm_pgoff;
	unsigned long end;
	int err;

	/* An observer's file lacks FMODE_WRITE, which clears VM_SHARED. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EACCES;
	end = first < control ? area->size >> PAGE_SHIFT :
				control + (L4SHMC_CONTROL_SIZE >> PAGE_SHIFT);
	if (first > end || pages > end - first)
		return -EINVAL;

	if (first < control) {
		/* shmem does the rest, and the mapping keeps the area alive. */
		vma_set_file(vma, area->data);
		err = vfs_mmap(area->data, vma);
		if (err)
			return err;
	} else {
		vma->vm_ops = &l4shmc_control_ops;
	}
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vm_flags_clear(vma, VM_MAYEXEC);
	if (client->number == L4SHMC_CLIENT_NONE)
		vm_flags_clear(vma, VM_MAYWRITE);
	return 0;
}
