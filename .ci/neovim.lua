-- Controls Neovim's built-in client: opens the file, waits for diagnostics, applies a code action and
-- saves. Input: the environment variables of check_neovim.py. Output: lines on stdout, and the exit
-- status.

local function fail(message)
  io.stdout:write('failed: ' .. message .. '\n')
  vim.cmd('cquit 1')
end

local function report(key, value)
  io.stdout:write(key .. '\t' .. value .. '\n')
end

local function main()
  local root = vim.env.FORCELINT_ROOT
  vim.cmd('edit ' .. vim.fn.fnameescape(vim.env.FORCELINT_FILE))
  local client = vim.lsp.start_client({
    name = 'forcelint',
    cmd = { vim.env.FORCELINT, 'lsp' },
    root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = 'project' } },
  })
  if not client then return fail('the server did not start') end
  vim.lsp.buf_attach_client(0, client)

  local function found()
    return vim.tbl_filter(function(diagnostic)
      return diagnostic.severity ~= vim.diagnostic.severity.HINT
    end, vim.diagnostic.get(0))
  end
  if not vim.wait(10000, function() return #found() > 0 end, 20) then
    return fail('no diagnostics')
  end
  report('found', tostring(#found()))

  -- The diagnostics change with the text, and return after it is restored.
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'ü😀 <' })
  local function is_malformed()
    local all = found()
    return #all == 1 and all[1].message:find('cannot be checked') ~= nil
  end
  if not vim.wait(10000, is_malformed, 20) then return fail('the diagnostics did not change') end
  vim.api.nvim_buf_set_lines(0, -2, -1, false, {})
  if not vim.wait(10000, function() return #found() > 0 and not is_malformed() end, 20) then
    return fail('the diagnostics did not return')
  end

  local applied = 0
  vim.ui.select = function(items, _, choose)
    for index, item in ipairs(items) do
      local title = item[2].title
      if title:find(vim.env.FORCELINT_ACTION, 1, true) then
        report('action', title)
        applied = applied + 1
        return choose(item, index)
      end
    end
    choose(nil)
  end
  local at = found()[1]
  for _, diagnostic in ipairs(found()) do
    if diagnostic.code == vim.env.FORCELINT_RULE
      or (diagnostic.user_data and diagnostic.user_data.lsp.code == vim.env.FORCELINT_RULE) then
      at = diagnostic
    end
  end
  vim.api.nvim_win_set_cursor(0, { at.lnum + 1, at.col })
  local before = vim.api.nvim_buf_get_changedtick(0)
  vim.lsp.buf.code_action()
  if not vim.wait(10000, function()
    return vim.api.nvim_buf_get_changedtick(0) > before
  end, 20) then
    return fail('no action was applied (' .. applied .. ' chosen)')
  end
  vim.cmd('write')
  local remaining = function()
    return #vim.tbl_filter(function(diagnostic)
      return diagnostic.message:find(vim.env.FORCELINT_GONE, 1, true) ~= nil
    end, vim.diagnostic.get(0))
  end
  if not vim.wait(10000, function() return remaining() == 0 end, 20) then
    return fail('the finding is still reported')
  end
  vim.lsp.stop_client(client)
  vim.wait(5000, function() return vim.lsp.get_client_by_id(client) == nil end, 20)
  vim.cmd('qall!')
end

local ok, error = pcall(main)
if not ok then fail(tostring(error)) end
